// The picture's columns, unpacked, as a tree: nodes are numbers, 0 is the root.

const Kind = { DIRECTORY: 0, FILE: 1, DEAD: 2, FOLDED: 3, FOLDED_DEAD: 4, OVERHEAD: 5, CONFIG: 6 };
const WEIGHTS = ["wire", "unpacked", "visible", "dead"];

async function readData() {
  const holder = document.getElementById("data");
  if (holder.type === "application/json") return JSON.parse(holder.textContent);
  const packed = Uint8Array.from(atob(holder.textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

class Tree {
  constructor(data) {
    const picture = data.picture;
    this.layers = data.layers;
    this.categories = picture.category_table;
    Object.assign(this, {
      names: picture.names, kinds: picture.kinds, files: picture.files, depths: picture.depths,
      packages: picture.packages, nodeCategories: picture.categories,
      nodeLayers: picture.layers, killedBy: picture.killed_by,
    });
    this.packageTable = picture.package_table.map(
      ([name, version, system]) => ({ name, version, system }));
    this.weights = {
      wire: picture.wire_bytes, visible: picture.visible_bytes, dead: picture.dead_bytes,
      unpacked: picture.visible_bytes.map((bytes, node) => bytes + picture.dead_bytes[node]),
    };
    this.count = this.names.length;
    this.parents = new Int32Array(this.count).fill(-1);
    this.children = new Map();
    this.link();
  }

  link() {
    const above = [];
    for (let node = 0; node < this.count; node += 1) {
      const depth = this.depths[node];
      above[depth] = node;
      if (!depth) continue;
      const parent = above[depth - 1];
      this.parents[node] = parent;
      const siblings = this.children.get(parent);
      if (siblings) siblings.push(node);
      else this.children.set(parent, [node]);
    }
    this.sorted = new Map();
  }

  isBranch(node) { return this.children.has(node); }

  isDead(node) {
    return this.kinds[node] === Kind.DEAD || this.kinds[node] === Kind.FOLDED_DEAD;
  }

  // Children that weigh something, the heaviest first.
  heaviest(node, weight) {
    const key = `${weight} ${node}`;
    let found = this.sorted.get(key);
    if (!found) {
      const weights = this.weights[weight];
      found = (this.children.get(node) || []).filter((child) => weights[child] > 0);
      found.sort((a, b) => weights[b] - weights[a]);
      this.sorted.set(key, found);
    }
    return found;
  }

  name(node) {
    switch (this.kinds[node]) {
      case Kind.FOLDED: return `… (${counted(this.files[node], "file")})`;
      case Kind.FOLDED_DEAD: return `… (${counted(this.files[node], "dead file")})`;
      case Kind.CONFIG: return "config";
      case Kind.OVERHEAD:
        return this.nodeLayers[node]
          ? `overhead of layer ${this.nodeLayers[node]}` : "headers, padding, markers";
      default: return this.names[node];
    }
  }

  path(node) {
    const parts = [];
    for (let at = node; at > 0; at = this.parents[at]) parts.push(this.name(at));
    if (this.kinds[node] >= Kind.OVERHEAD) return parts.reverse().join(": ");
    const end = this.kinds[node] === Kind.DIRECTORY && parts.length ? "/" : "";
    return `/${parts.reverse().join("/")}${end}`;
  }

  // The node at a path, or the last one on the way to it; the root where there is none.
  find(path) {
    let node = 0;
    for (const part of path.split("/").filter(Boolean)) {
      const inside = this.children.get(node) || [];
      const next = inside.find((child) =>
        this.names[child] === part && this.kinds[child] <= Kind.DEAD);
      if (next === undefined) break;
      node = next;
    }
    return node;
  }

  above(node) {
    const line = [];
    for (let at = node; at >= 0; at = this.parents[at]) line.push(at);
    return line.reverse();
  }

  isWithin(node, directory) {
    let at = node;
    while (at > directory) at = this.parents[at];
    return at === directory;
  }

  packageName(node) {
    const row = this.packageTable[this.packages[node]];
    if (!row.name) return "unpackaged";
    return row.version ? `${row.name} ${row.version}` : row.name;
  }

  categoryName(node) { return this.categories[this.nodeCategories[node]] || ""; }
}

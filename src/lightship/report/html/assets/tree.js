// The picture's columns, unpacked, as a tree: nodes are numbers, 0 is the root.

const Kind = { DIRECTORY: 0, FILE: 1, DEAD: 2, FOLDED: 3, FOLDED_DEAD: 4, OVERHEAD: 5, CONFIG: 6 };

async function readData() {
  const holder = document.getElementById("data");
  if (holder.type === "application/json") return JSON.parse(holder.textContent);
  const packed = Uint8Array.from(atob(holder.textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// What a picture of one kind says besides is a class of its own: `weightNames`, the `fields` that
// colour it, the `segments` of its strip, and words for all of them.
class Tree {
  constructor(picture, weights) {
    Object.assign(this, {
      names: picture.names, kinds: picture.kinds, files: picture.files, depths: picture.depths,
      weights, weightNames: Object.keys(weights),
    });
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

  // Drawn in grey, with stripes.
  isHatched() { return false; }

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
    const isFolded = this.kinds[node] === Kind.FOLDED;
    return isFolded ? `… (${counted(this.files[node], "file")})` : this.names[node];
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
}

// The picture of an image: packages, categories and layers.

class ImageTree extends Tree {
  constructor(data) {
    const picture = data.picture;
    super(picture, {
      wire: picture.wire_bytes,
      unpacked: picture.visible_bytes.map((bytes, node) => bytes + picture.dead_bytes[node]),
      visible: picture.visible_bytes,
      dead: picture.dead_bytes,
    });
    this.layers = data.layers;
    this.categories = picture.category_table;
    this.packages = picture.packages;
    this.nodeCategories = picture.categories;
    this.nodeLayers = picture.layers;
    this.killedBy = picture.killed_by;
    this.packageTable = picture.package_table.map(
      ([name, version, system]) => ({ name, version, system }));
    this.widest = "unpacked";
    this.rankedBy = "visible";
    this.hatched = "dead: stored, and nobody can read it";
    this.unhatched = "dead";
    this.fields = {
      category: {
        keyOf: (node) => this.nodeCategories[node], titleOf: (key) => this.categories[key],
      },
      package: {
        keyOf: (node) => this.packages[node], titleOf: (key) => this.packageTitle(key),
      },
      layer: {
        keyOf: (node) => this.nodeLayers[node], titleOf: (key) => this.layerTitle(key),
        chipOf: (key) => `layer ${key}`, hasHatched: true,
      },
    };
    this.stripHint = "Layers, oldest first: press one to see what is in it";
    this.segments = this.layers.map((layer, at) => ({
      by: "layer", key: at + 1, label: String(at + 1), title: `Layer ${at + 1}`,
      text: layer.instruction, note: layer.base ? ", base image" : "", isBase: Boolean(layer.base),
      weights: {
        wire: layer.wire, unpacked: layer.unpacked, visible: layer.unpacked - layer.dead,
        dead: layer.dead,
      },
    }));
  }

  isDead(node) {
    return this.kinds[node] === Kind.DEAD || this.kinds[node] === Kind.FOLDED_DEAD;
  }

  isHatched(node) { return this.isDead(node); }

  // Groups are ranked by their live content: dead files and what is no file have no part in it.
  isRanked(node) { return this.kinds[node] === Kind.FILE || this.kinds[node] === Kind.FOLDED; }

  name(node) {
    switch (this.kinds[node]) {
      case Kind.FOLDED_DEAD: return `… (${counted(this.files[node], "dead file")})`;
      case Kind.CONFIG: return "config";
      case Kind.OVERHEAD:
        return this.nodeLayers[node]
          ? `overhead of layer ${this.nodeLayers[node]}` : "headers, padding, markers";
      default: return super.name(node);
    }
  }

  packageTitle(key) {
    const { name, version, system } = this.packageTable[key];
    return name ? [name, version, system && `(${system})`].filter(Boolean).join(" ") : "unpackaged";
  }

  layerTitle(key) {
    const layer = this.layers[key - 1];
    return layer ? `${key}  ${layer.instruction}` : "config";
  }

  packageName(node) {
    const row = this.packageTable[this.packages[node]];
    if (!row.name) return "unpackaged";
    return row.version ? `${row.name} ${row.version}` : row.name;
  }

  categoryName(node) { return this.categories[this.nodeCategories[node]] || ""; }

  sizeWords(weight, size) { return `${weight} ${weight === "wire" ? "≈ " : ""}${size}`; }

  facts(node) {
    const layer = this.nodeLayers[node];
    const mostly = this.kinds[node] === Kind.FOLDED ? "mostly " : "";
    if (this.isDead(node)) {
      const killer = this.killedBy[node];
      const by = killer === layer ? "itself" : `layer ${killer}`;
      return [`dead: brought by layer ${layer}, taken by ${by}`];
    }
    return [`${mostly}${this.packageName(node)}`, this.categoryName(node), `layer ${layer}`];
  }

  // The line of code that brought a node; null where none did.
  origin(node) {
    const layer = this.layers[this.nodeLayers[node] - 1];
    return layer ? layer.instruction : null;
  }
}

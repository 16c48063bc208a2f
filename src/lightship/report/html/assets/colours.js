// Which colour a file has. The palette is Paul Tol's "light" one, made to be told apart by everyone
// and to carry dark letters; the heaviest groups have a colour, all others are grey.

const PALETTE = [
  "#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#99ddff", "#bbcc33", "#aaaa00",
];
const OTHER = "#c9cdd2";
const NOTHING_SAID = "#e2dccf";
const BESIDE = "#a9b1ba";

class Colours {
  constructor(tree) {
    this.tree = tree;
    this.groups = {
      category: this.rank((node) => tree.nodeCategories[node], (key) => tree.categories[key]),
      package: this.rank((node) => tree.packages[node], (key) => this.packageTitle(key)),
      layer: this.rank((node) => tree.nodeLayers[node], (key) => this.layerTitle(key)),
    };
  }

  packageTitle(key) {
    const { name, version, system } = this.tree.packageTable[key];
    return name ? [name, version, system && `(${system})`].filter(Boolean).join(" ") : "unpackaged";
  }

  layerTitle(key) {
    const layer = this.tree.layers[key - 1];
    return layer ? `${key}  ${layer.instruction}` : "config";
  }

  // Groups by their live content; dead files and what is no file have no part in it.
  rank(keyOf, titleOf) {
    const tree = this.tree;
    const sums = new Map();
    for (let node = 1; node < tree.count; node += 1) {
      if (tree.kinds[node] !== Kind.FILE && tree.kinds[node] !== Kind.FOLDED) continue;
      const key = keyOf(node);
      sums.set(key, (sums.get(key) || 0) + tree.weights.visible[node]);
    }
    const ordered = [...sums].sort(([, a], [, b]) => b - a);
    const colourOf = new Map();
    const palette = PALETTE.values();
    for (const [key] of ordered) {
      // A group that says nothing about its files takes no colour from those that do.
      const colour = titleOf(key) === "other" ? NOTHING_SAID : palette.next().value;
      if (!colour) break;
      colourOf.set(key, colour);
    }
    return {
      keyOf, colourOf,
      legend: ordered.filter(([key]) => colourOf.has(key)).map(([key, bytes]) =>
        ({ key, bytes, title: titleOf(key), colour: colourOf.get(key) })),
      others: ordered.length - colourOf.size,
    };
  }

  of(node, by) {
    const kind = this.tree.kinds[node];
    if (kind >= Kind.OVERHEAD) return BESIDE;
    if (this.tree.isDead(node) && by !== "layer") return OTHER;
    const group = this.groups[by];
    return group.colourOf.get(group.keyOf(node)) || OTHER;
  }
}

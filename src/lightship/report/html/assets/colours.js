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
    this.groups = {};
    for (const [name, field] of Object.entries(tree.fields)) this.groups[name] = this.rank(field);
  }

  rank({ keyOf, titleOf, colours }) {
    const tree = this.tree;
    const sums = new Map();
    for (let node = 1; node < tree.count; node += 1) {
      if (!tree.isRanked(node)) continue;
      const key = keyOf(node);
      if (key === null) continue;
      sums.set(key, (sums.get(key) || 0) + tree.weights[tree.rankedBy][node]);
    }
    const ordered = [...sums].sort(([, a], [, b]) => b - a);
    const colourOf = new Map();
    const palette = PALETTE.values();
    for (const [key] of ordered) {
      // A group that says nothing about its files takes no colour from those that do.
      const own = titleOf(key) === "other" ? NOTHING_SAID : palette.next().value;
      const colour = colours ? colours[key] : own;
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
    if (this.tree.isHatched(node) && !this.tree.fields[by].hasHatched) return OTHER;
    const group = this.groups[by];
    return group.colourOf.get(group.keyOf(node)) || OTHER;
  }
}

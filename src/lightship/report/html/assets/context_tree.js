// The picture of a build context: what becomes of its files, and which line decided.

const Fate = { SENT: 0, UNUSED: 1, IGNORED: 2 };

class ContextTree extends Tree {
  constructor(data) {
    const picture = data.picture;
    const { sent_bytes: sent, unused_bytes: unused, ignored_bytes: ignored } = picture;
    const everything = sent.map((bytes, node) => bytes + unused[node] + ignored[node]);
    super(picture, { everything, sent, unused, ignored });
    this.lines = picture.lines;
    this.takers = picture.takers;
    this.patterns = new Map(data.patterns);
    this.instructions = new Map(data.instructions);
    this.fates = everything.map((_, node) => this.fateOf(node));
    this.widest = "everything";
    this.rankedBy = "everything";
    this.hatched = null;
    this.unhatched = null;
    this.fields = {
      fate: {
        keyOf: (node) => this.fates[node], titleOf: (key) => data.fates[key],
        colours: ["#44bb99", "#ee8866", OTHER],
      },
      instruction: {
        keyOf: (node) => this.takers[node] || null,
        titleOf: (key) => `line ${key}: ${this.instructions.get(key)}`,
      },
      line: {
        keyOf: (node) => this.lines[node] || null,
        titleOf: (key) => `line ${key}: ${this.patterns.get(key)}`,
      },
    };
    this.stripHint = "Who takes what, and which line keeps what out: press one to see it";
    this.segments = this.segmented(data.fates);
  }

  fateOf(node) {
    const { sent, unused, ignored } = this.weights;
    const most = Math.max(sent[node], unused[node], ignored[node]);
    if (most === sent[node] && most) return Fate.SENT;
    if (most === unused[node] && most) return Fate.UNUSED;
    return this.lines[node] || most ? Fate.IGNORED : Fate.SENT;
  }

  isRanked(node) { return !this.isBranch(node); }

  segmented(fates) {
    const found = new Map();
    for (let node = 1; node < this.count; node += 1) {
      if (this.isBranch(node)) continue;
      const segment = this.segmentOf(node, fates);
      const key = `${segment.by} ${segment.key}`;
      if (!found.has(key)) {
        const weights = Object.fromEntries(this.weightNames.map((name) => [name, 0]));
        found.set(key, { ...segment, note: "", isBase: false, colourBy: "fate", weights });
      }
      for (const name of this.weightNames) {
        found.get(key).weights[name] += this.weights[name][node];
      }
    }
    return [...found.values()].sort((a, b) =>
      a.colourKey - b.colourKey || b.weights.everything - a.weights.everything);
  }

  segmentOf(node, fates) {
    const fate = this.fates[node];
    const line = this.lines[node];
    const taker = this.takers[node];
    if (fate === Fate.IGNORED && line) {
      const text = this.patterns.get(line) || "";
      return { by: "line", key: line, label: text, title: `Line ${line}`, text, colourKey: fate };
    }
    if (fate === Fate.SENT && taker) {
      const text = this.instructions.get(taker) || "";
      const title = `Line ${taker}`;
      return { by: "instruction", key: taker, label: text, title, text, colourKey: fate };
    }
    const title = fates[fate];
    return { by: "fate", key: fate, label: title, title, text: "", colourKey: fate };
  }

  sizeWords(weight, size) { return `${weight} ${size}`; }

  facts(node) { return [this.fields.fate.titleOf(this.fates[node])]; }

  origin(node) {
    if (this.lines[node]) return this.fields.line.titleOf(this.lines[node]);
    return this.takers[node] ? this.fields.instruction.titleOf(this.takers[node]) : null;
  }
}

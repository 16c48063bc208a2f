// The treemap on its canvas. A second canvas above it carries what moves: the pointer, the focus.

const HATCH = 7;

class TreeMap {
  constructor(tree, colours) {
    this.tree = tree;
    this.colours = colours;
    this.canvas = document.getElementById("map");
    this.above = document.getElementById("mark");
    this.boxes = [];
    this.boxOf = new Map();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.above]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.width = width;
    this.height = height;
  }

  draw(state) {
    const style = getComputedStyle(document.documentElement);
    const tone = (name) => style.getPropertyValue(name).trim();
    this.tones = {
      gap: tone("--page"), frame: tone("--frame"), line: tone("--line"), ink: tone("--ink"),
      dim: tone("--dim"), accent: tone("--accent"), font: tone("--words"),
    };
    this.boxes = layOut(this.tree, state.root, state.weight, this.width, this.height);
    this.boxOf = new Map();
    const context = this.canvas.getContext("2d");
    context.fillStyle = this.tones.gap;
    context.fillRect(0, 0, this.width, this.height);
    this.hatch = this.hatching(context);
    for (const box of this.boxes) {
      if (!this.boxOf.has(box.node)) this.boxOf.set(box.node, box);
      const drawsInside = this.tree.isBranch(box.end) && box.heaviest === undefined;
      if (drawsInside) this.drawDirectory(context, box, state);
      else this.drawFile(context, box, state);
    }
    context.globalAlpha = 1;
    this.mark(state);
  }

  hatching(context) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = HATCH;
    const lines = tile.getContext("2d");
    lines.strokeStyle = "rgb(160 30 60 / 60%)";
    lines.lineWidth = 1;
    lines.beginPath();
    for (const shift of [-HATCH, 0, HATCH]) {
      lines.moveTo(shift, HATCH);
      lines.lineTo(shift + HATCH, 0);
    }
    lines.stroke();
    return context.createPattern(tile, "repeat");
  }

  drawDirectory(context, box, state) {
    context.globalAlpha = 1;
    context.fillStyle = this.tones.frame;
    context.fillRect(box.x + 0.5, box.y + 0.5, Math.max(box.w - 1, 0), Math.max(box.h - 1, 0));
    if (!box.head) return;
    const size = sized(this.tree.weights[state.weight][box.node]);
    context.font = `600 12px ${this.tones.font}`;
    const room = box.w - 10;
    const name = this.fitted(context, this.rowName(box), room);
    context.fillStyle = this.tones.ink;
    context.textBaseline = "middle";
    context.fillText(name, box.x + 5, box.y + 10);
    const used = context.measureText(name).width;
    context.font = `11px ${this.tones.font}`;
    if (used + 12 + context.measureText(size).width < room) {
      context.fillStyle = this.tones.dim;
      context.fillText(size, box.x + 13 + used, box.y + 10);
    }
  }

  rowName(box) {
    const names = [this.tree.name(box.end)];
    for (let at = box.end; at !== box.node; at = this.tree.parents[at]) {
      names.unshift(this.tree.name(this.tree.parents[at]));
    }
    return names.join(" / ");
  }

  drawFile(context, box, state) {
    const node = this.shownAs(box);
    const isFaint = state.marked !== null && !state.marked(node);
    context.globalAlpha = isFaint ? 0.16 : 1;
    const gap = box.w > 3 && box.h > 3 ? 0.5 : 0.1;
    const w = box.w - 2 * gap;
    const h = box.h - 2 * gap;
    context.fillStyle = this.colours.of(node, state.colour);
    context.fillRect(box.x + gap, box.y + gap, w, h);
    if (this.tree.isHatched(node) && state.weight !== this.tree.unhatched) {
      context.fillStyle = this.hatch;
      context.fillRect(box.x + gap, box.y + gap, w, h);
    }
    if (w > 44 && h > 16) this.label(context, box, state, isFaint);
  }

  // A directory too small to look into has the colour of its heaviest file.
  shownAs(box) {
    const weights = this.tree.weights[this.tree.weightNames[0]];
    let node = box.end;
    while (this.tree.isBranch(node)) {
      const inside = this.tree.children.get(node);
      let heaviest = inside[0];
      for (const child of inside) {
        if (weights[child] > weights[heaviest]) heaviest = child;
      }
      node = heaviest;
    }
    return node;
  }

  label(context, box, state, isFaint) {
    const hasSize = box.h > 34;
    const middle = box.h > 48 ? box.y + 13 : box.y + box.h / 2 - (hasSize ? 7 : 0);
    context.globalAlpha = isFaint ? 0.35 : 1;
    context.textBaseline = "middle";
    context.font = `12px ${this.tones.font}`;
    const isPlain = !this.tree.isHatched(box.node) || state.weight === this.tree.unhatched;
    const name = this.fitted(context, this.tree.name(box.node), box.w - 10);
    if (!isPlain) {
      context.fillStyle = this.colours.of(box.node, state.colour);
      context.fillRect(box.x + 2, middle - 8, context.measureText(name).width + 7, 16);
    }
    context.fillStyle = "#14181d";
    context.fillText(name, box.x + 5, middle);
    if (!hasSize) return;
    context.font = `11px ${this.tones.font}`;
    const size = sized(this.tree.weights[state.weight][box.node]);
    if (!isPlain) {
      context.fillStyle = this.colours.of(box.node, state.colour);
      context.fillRect(box.x + 2, middle + 8, context.measureText(size).width + 7, 14);
    }
    context.fillStyle = "#3a424b";
    context.fillText(size, box.x + 5, middle + 15);
  }

  fitted(context, text, room) {
    if (context.measureText(text).width <= room) return text;
    let low = 0;
    let high = Math.min(text.length, 200);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    return low ? `${text.slice(0, low)}…` : "";
  }

  mark(state) {
    const context = this.above.getContext("2d");
    context.clearRect(0, 0, this.width, this.height);
    const around = (box, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(box.x + 1, box.y + 1, Math.max(box.w - 2, 1), Math.max(box.h - 2, 1));
    };
    const pointed = state.hover === null ? null : this.boxOf.get(state.hover);
    if (pointed) around(pointed, this.tones.ink, 2);
    const focused = state.focus === null ? null : this.boxOf.get(state.focus);
    if (focused) {
      around(focused, this.tones.gap, 5);
      around(focused, this.tones.accent, 3);
    }
  }

  // The innermost box at a place: later boxes lie in earlier ones.
  at(x, y) {
    let found = null;
    for (const box of this.boxes) {
      const isInside = x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h;
      if (isInside && (found === null || box.level > found.level)) found = box;
    }
    return found;
  }

  // The nearest of the root's own boxes in a direction.
  beside(node, dx, dy) {
    const from = this.boxOf.get(node);
    const own = this.boxes.filter((box) => box.level === 1);
    if (!from) return own.length ? this.largest(own) : null;
    const middle = (box) => [box.x + box.w / 2, box.y + box.h / 2];
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    for (const box of own) {
      const [bx, by] = middle(box);
      const ahead = (bx - x) * dx + (by - y) * dy;
      const aside = Math.abs((bx - x) * dy) + Math.abs((by - y) * dx);
      if (box === from || ahead <= 0.5) continue;
      const distance = ahead + 2 * aside;
      if (distance < least) {
        least = distance;
        best = box.node;
      }
    }
    return best;
  }

  largest(boxes) {
    return boxes.reduce((a, b) => (a.w * a.h >= b.w * b.h ? a : b)).node;
  }
}

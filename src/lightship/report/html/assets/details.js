// What is known of one node, in words: below the picture, and beside the pointer.

function facts(tree, node) {
  const weights = tree.weightNames.filter((weight) => tree.weights[weight][node])
    .map((weight) => tree.sizeWords(weight, sized(tree.weights[weight][node])));
  const found = [weights.join(", ")];
  if (tree.isBranch(node) || tree.files[node] > 1) found.push(counted(tree.files[node], "file"));
  if (tree.isBranch(node) || tree.kinds[node] >= Kind.OVERHEAD) return found;
  return [...found, ...tree.facts(node)];
}

class Details {
  constructor(tree) {
    this.tree = tree;
    this.line = document.getElementById("details");
    this.tip = document.getElementById("tip");
  }

  fill(holder, node) {
    const tree = this.tree;
    const origin = tree.isBranch(node) ? null : tree.origin(node);
    const parts = [
      make("strong", {}, foreign(tree.path(node))),
      make("span", {}, foreign(facts(tree, node).filter(Boolean).join("  ·  "))),
    ];
    if (origin !== null) parts.push(make("code", {}, foreign(origin)));
    holder.replaceChildren(...parts);
  }

  tell(node) { this.fill(this.line, node); }

  point(node, x, y, width, height) {
    if (node === null) {
      this.tip.hidden = true;
      return;
    }
    this.fill(this.tip, node);
    this.tip.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = this.tip;
    const left = x + 16 + w > width ? Math.max(x - w - 12, 0) : x + 16;
    const top = y + 18 + h > height ? Math.max(y - h - 12, 0) : y + 18;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${top}px`;
  }
}

// The directory that is shown, as a table: for screen readers, for paper, and to walk by.

const MOST_ROWS = 500;

class List {
  constructor(tree, actions) {
    this.tree = tree;
    this.actions = actions;
    this.table = document.getElementById("list");
  }

  draw(state) {
    const tree = this.tree;
    const nodes = tree.heaviest(state.root, state.weight);
    const whole = tree.weights[state.weight][state.root];
    const rows = nodes.slice(0, MOST_ROWS).map((node) => this.row(node, state, whole));
    if (nodes.length > MOST_ROWS) {
      const left = nodes.slice(MOST_ROWS);
      const sum = left.reduce((total, node) => total + tree.weights[state.weight][node], 0);
      const words = `${counted(left.length, "more")}, ${sized(sum)}`;
      rows.push(make("tr", { class: "rest" }, make("td", { colspan: tree.weightNames.length + 3 }, words)));
    }
    this.table.tBodies[0].replaceChildren(...rows);
    const caption = `${tree.path(state.root)} by ${state.weight} bytes, the largest first`;
    this.table.caption.replaceChildren(foreign(caption));
    this.table.dataset.weight = state.weight;
  }

  row(node, state, whole) {
    const tree = this.tree;
    const weight = tree.weights[state.weight][node];
    const branch = tree.isBranch(node);
    const name = make("button", { type: "button", class: branch ? "branch" : "leaf" },
      foreign(tree.name(node) + (branch && tree.kinds[node] === Kind.DIRECTORY ? "/" : "")));
    name.addEventListener("click", () =>
      (branch ? this.actions.zoom(node) : this.actions.focus(node)));
    name.addEventListener("pointerenter", () => this.actions.hover(node));
    name.addEventListener("pointerleave", () => this.actions.hover(null));
    const filled = document.createElement("span");
    filled.className = tree.isHatched(node) ? "filled dead" : "filled";
    filled.style.width = `${whole ? (weight / whole) * 100 : 0}%`;
    const sizes = tree.weightNames.map((one) =>
      make("td", { class: `n ${one}` }, sized(tree.weights[one][node])));
    return make("tr", {},
      make("th", { scope: "row" }, filled, name), ...sizes,
      make("td", { class: "n share" }, percent(weight, whole)),
      make("td", { class: "n files" }, tree.files[node].toLocaleString("en")));
  }
}

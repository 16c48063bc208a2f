// What is shown, and what changes it. Everything drawn follows from `state`.

// What is chosen first is the page's to say.
function picked(name) {
  return document.querySelector(`#${name} input:checked`).value;
}

class Explorer {
  constructor(tree) {
    this.tree = tree;
    this.state = {
      root: 0, weight: picked("weight"), colour: picked("colour"), focus: null, hover: null,
      filter: null, found: null, marked: null,
    };
    const colours = new Colours(tree);
    this.colours = colours;
    this.map = new TreeMap(tree, colours);
    this.details = new Details(tree);
    this.parts = [
      new List(tree, this), new Strip(tree, colours, this), new Legend(tree, colours, this),
      this.searchBox = new SearchBox(tree, this),
    ];
    this.crumbs = document.getElementById("crumbs");
    this.chip = document.getElementById("filter");
    this.map.resize();
    this.listen();
    this.draw();
  }

  draw() {
    this.state.marked = this.marking();
    this.map.draw(this.state);
    for (const part of this.parts) part.draw(this.state);
    this.drawCrumbs();
    this.drawChip();
    this.details.tell(this.state.focus === null ? this.state.root : this.state.focus);
    this.map.canvas.setAttribute("aria-label",
      `Treemap of ${this.tree.path(this.state.root)} by ${this.state.weight} bytes.`
      + " Arrows move, Enter goes in, Backspace goes out, / searches.");
    const { root, weight, colour } = this.state;
    document.documentElement.dataset.shown = `${this.tree.path(root)} ${weight} ${colour}`;
  }

  // Which leaves are to stand out; null for all.
  marking() {
    const { filter, found } = this.state;
    if (!filter && !found) return null;
    const keyOf = filter ? this.colours.groups[filter.by].keyOf : null;
    return (node) => {
      if (found && !found.inside[node]) return false;
      if (!filter) return true;
      if (this.tree.isHatched(node) && !this.tree.fields[filter.by].hasHatched) return false;
      return this.tree.kinds[node] < Kind.CONFIG && keyOf(node) === filter.key;
    };
  }

  drawCrumbs() {
    const line = this.tree.above(this.state.root);
    const parts = line.flatMap((node, at) => {
      const name = node === 0 ? "/" : this.tree.name(node);
      const isLast = at === line.length - 1;
      const button = make("button", { type: "button", "aria-current": isLast ? "true" : null },
        foreign(name));
      button.addEventListener("click", () => this.zoom(node));
      return at > 1 ? [make("span", { "aria-hidden": "true" }, "/"), button] : [button];
    });
    const size = sized(this.tree.weights[this.state.weight][this.state.root]);
    this.crumbs.replaceChildren(...parts, make("span", { class: "size" }, size));
  }

  drawChip() {
    const filter = this.state.filter;
    this.chip.hidden = !filter;
    if (!filter) return;
    const { chipOf, titleOf } = this.tree.fields[filter.by];
    const close = make("button", { type: "button", "aria-label": "Show everything" }, "×");
    close.addEventListener("click", () => this.filter(null, null));
    this.chip.replaceChildren("only ", foreign((chipOf || titleOf)(filter.key)), close);
  }

  zoom(node) {
    this.state.root = node;
    this.state.focus = null;
    this.state.hover = null;
    this.details.point(null);
    this.draw();
  }

  goOut() {
    let from = this.state.root;
    if (from === 0) return;
    // Not to stop in a directory with nothing beside: the way in passed it by, too.
    while (from && this.tree.heaviest(this.tree.parents[from], this.state.weight).length === 1) {
      from = this.tree.parents[from];
    }
    this.state.root = from ? this.tree.parents[from] : 0;
    this.state.focus = from || null;
    this.draw();
  }

  // Into the directory of a node, with the node in focus.
  show(node) {
    this.state.root = this.tree.parents[node];
    this.focus(node);
  }

  showPath(path) {
    const node = this.tree.find(path);
    if (!this.tree.weights[this.state.weight][node]) this.pick("weight", this.tree.widest);
    this.state.filter = null;
    if (node) this.show(node);
    else this.zoom(0);
    document.getElementById("explorer").scrollIntoView();
  }

  focus(node) {
    this.state.focus = node;
    this.draw();
  }

  hover(node) {
    this.state.hover = node;
    this.map.mark(this.state);
  }

  filter(by, key) {
    const old = this.state.filter;
    const isSame = old && old.by === by && old.key === key;
    this.state.filter = by === null || isSame ? null : { by, key };
    this.draw();
  }

  search(found) {
    this.state.found = found;
    this.draw();
  }

  listen() {
    for (const name of ["weight", "colour"]) {
      document.getElementById(name).addEventListener("change", (event) => {
        this.state[name] = event.target.value;
        if (!this.tree.weights[this.state.weight][this.state.root]) this.state.root = 0;
        this.draw();
      });
    }
    new ResizeObserver(() => {
      this.map.resize();
      this.map.draw(this.state);
    }).observe(this.map.canvas.parentElement);
    this.listenToPointer();
    this.listenToKeys();
    this.listenToTables();
  }

  listenToPointer() {
    const canvas = this.map.canvas;
    canvas.addEventListener("pointermove", (event) => {
      const box = this.map.at(event.offsetX, event.offsetY);
      this.hover(box ? box.node : null);
      const { offsetX, offsetY } = event;
      this.details.point(box ? box.end : null, offsetX, offsetY, this.map.width, this.map.height);
    });
    canvas.addEventListener("pointerleave", () => {
      this.hover(null);
      this.details.point(null);
    });
    canvas.addEventListener("click", (event) => {
      const box = this.map.at(event.offsetX, event.offsetY);
      if (!box) return;
      const directory = this.tree.isBranch(box.end) ? box.end : this.tree.parents[box.node];
      if (directory === this.state.root) this.focus(box.node);
      else this.zoom(directory);
    });
  }

  listenToKeys() {
    const steps = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    };
    this.map.canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (steps[event.key]) {
        const next = this.map.beside(this.state.focus, ...steps[event.key]);
        if (next !== null) this.focus(next);
      } else if (event.key === "Enter" && this.state.focus !== null) {
        const end = endOfRow(this.tree, this.state.focus, this.state.weight);
        if (this.tree.isBranch(end)) this.zoom(end);
      } else if (event.key === "Backspace" || event.key === "Escape") {
        this.goOut();
      } else {
        return;
      }
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type === "search";
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.searchBox.input.focus();
    });
  }

  // Rows of packages, categories and layers lead into the picture, and so do evidence's paths.
  listenToTables() {
    for (const holder of document.querySelectorAll("[data-path]")) {
      const button = make("button", { type: "button", class: "shows" }, ...holder.childNodes);
      button.addEventListener("click", () => this.showPath(holder.dataset.path));
      holder.replaceChildren(button);
    }
    for (const holder of document.querySelectorAll(".name[data-by]")) {
      const by = holder.dataset.by;
      const key = Number(holder.dataset.key);
      const button = make("button", { type: "button", class: "shows" }, ...holder.childNodes);
      button.addEventListener("click", () => {
        if (document.querySelector(`#colour input[value="${by}"]`) && by !== "layer") {
          this.pick("colour", by);
        }
        this.state.root = 0;
        this.filter(by, key);
        document.getElementById("explorer").scrollIntoView();
      });
      holder.replaceChildren(button);
    }
  }

  pick(name, value) {
    this.state[name] = value;
    document.querySelector(`#${name} input[value="${value}"]`).checked = true;
  }
}

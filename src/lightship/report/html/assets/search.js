// Search: parts of paths, upper or lower case alike.

const MOST_HITS = 100;

class Search {
  constructor(tree) {
    this.tree = tree;
    this.lower = null;
  }

  // The topmost nodes that match, and for each node whether it is one of them or within one.
  find(query) {
    const tree = this.tree;
    const wanted = query.trim().toLowerCase();
    if (!wanted) return null;
    const byPath = wanted.includes("/");
    if (!this.lower) this.lower = tree.names.map((name) => name.toLowerCase());
    const inside = new Uint8Array(tree.count);
    const hits = [];
    for (let node = 1; node < tree.count; node += 1) {
      if (inside[tree.parents[node]]) {
        inside[node] = 1;
      } else {
        const text = byPath ? tree.path(node).toLowerCase() : this.lower[node];
        if (text.includes(wanted)) {
          inside[node] = 1;
          hits.push(node);
        }
      }
    }
    return { hits, inside };
  }
}

class SearchBox {
  constructor(tree, actions) {
    this.tree = tree;
    this.actions = actions;
    this.search = new Search(tree);
    this.input = document.getElementById("search");
    this.told = document.getElementById("found");
    this.list = document.getElementById("hits");
    this.input.addEventListener("input", () => actions.search(this.search.find(this.input.value)));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.clear();
      if (event.key === "Enter" && this.list.firstChild) this.list.querySelector("button").click();
    });
  }

  clear() {
    this.input.value = "";
    this.actions.search(null);
    document.getElementById("map").focus();
  }

  draw(state) {
    const found = state.found;
    this.list.hidden = !found || !found.hits.length;
    this.told.textContent = "";
    if (!found) return;
    const weights = this.tree.weights[state.weight];
    const hits = found.hits.filter((node) => weights[node]).sort((a, b) => weights[b] - weights[a]);
    const sum = hits.reduce((total, node) => total + weights[node], 0);
    const more = hits.length > MOST_HITS ? `, the first ${MOST_HITS} are listed` : "";
    const matches = `${hits.length.toLocaleString("en")} match${hits.length === 1 ? "" : "es"}`;
    this.told.textContent = hits.length ? `${matches}, ${sized(sum)}${more}` : "No match here";
    this.list.replaceChildren(...hits.slice(0, MOST_HITS).map((node) => {
      const button = make("button", { type: "button" }, foreign(this.tree.path(node)));
      button.addEventListener("click", () => this.actions.show(node));
      return make("li", {}, button, make("span", {}, sized(weights[node])));
    }));
  }
}

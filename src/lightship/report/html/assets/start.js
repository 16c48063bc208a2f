// Tables and theme work without the data; the picture comes when it is unpacked.

let explorer = null;

function startExplorer(treeOf) {
  startTheme(() => explorer && explorer.draw());
  startTables();
  readData().then((data) => {
    document.getElementById("explorer").hidden = false;
    explorer = new Explorer(treeOf(data));
    performance.measure("opening");
    document.documentElement.dataset.ready = "yes";
  }).catch((error) => {
    const trouble = document.getElementById("trouble");
    trouble.textContent = `This browser cannot draw the picture (${error.message}).`
      + " The tables below do without it.";
    trouble.hidden = false;
  });
}

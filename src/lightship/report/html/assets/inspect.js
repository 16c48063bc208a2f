// The page of an image.

startExplorer((data) => new ImageTree(data));

// The page of a build context.

startExplorer((data) => new ContextTree(data));

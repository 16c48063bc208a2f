"""Public, for users' tests and ours: build_image(), assert_same_tree()."""

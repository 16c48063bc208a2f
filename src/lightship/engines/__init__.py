"""Docker, podman, buildah, runc: command line and sockets; bytes and ids, no Image."""

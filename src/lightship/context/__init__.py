"""The build context: .dockerignore reader, matcher, walker."""

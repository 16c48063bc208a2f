"""Layers to merged tree; diff of two trees."""

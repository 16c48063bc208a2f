"""Limits only: budgets, profiles, baselines, the gate."""

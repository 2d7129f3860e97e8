"""The shop: what the business keeps. It knows nothing of how its people are reached."""

"""A later stage of training for the text tower alone: short questions find the pages that answer them."""

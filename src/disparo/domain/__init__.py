"""What the product is about: values, lifecycles and rules. Pure and synchronous; `now` is always an argument."""

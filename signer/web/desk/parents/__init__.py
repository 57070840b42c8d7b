"""The parents: the register, each of its people, and what is done for them."""

"""The pages in a real browser, with the checkers that others wrote: what a person meets, and what an attacker tries."""

"""The pages of the preferences. What is chosen counts at once, unless a page says otherwise."""

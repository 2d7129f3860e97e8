"""What a caller hears: one call's way through a site's menus."""

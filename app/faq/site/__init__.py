"""Pages of the owner's site as passages: fetched with manners, bounded in number, size and time."""

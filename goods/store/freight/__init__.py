"""Freight templates as WeChat sees them: live at once, replaced as a whole, never deleted by an interface."""

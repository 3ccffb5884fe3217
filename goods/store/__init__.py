"""Mini Store products as WeChat sees them: SPUs with their SKUs, freight templates, categories and brands."""

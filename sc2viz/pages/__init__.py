"""The pages: widgets and words, one folder a page. No page imports from another page's folder."""

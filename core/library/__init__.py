"""Libraries, their folders and documents, and who manages them."""

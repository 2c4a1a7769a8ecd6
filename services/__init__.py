"""What the product knows: reading, understanding, keeping, counting. No HTTP, no queue, no screens."""

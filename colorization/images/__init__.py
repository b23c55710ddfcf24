"""Picture files in and out, by Pillow: any that it can open becomes sRGB, and goes back to disk whole or not at all."""

"""A clean grey page to lines of words: our network, Tesseract and trueocr, and who is believed where they differ."""

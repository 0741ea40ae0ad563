"""Reads a question and an entry together, token by token: does this entry answer it?"""

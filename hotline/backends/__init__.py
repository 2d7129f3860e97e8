"""The backends of a site, asked by HTTP and by SQL; and the accounts whose wrong PINs are counted."""

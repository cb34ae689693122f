"""Everything that speaks to Spotify: the accounts service, the Web API, and the tokens that open them."""

"""Official text: readers from bytes to sections, the sources they come from, and the dated store on the user's disk."""

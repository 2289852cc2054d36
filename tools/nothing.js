// Takes the place, in the bundle, of packages that are never loaded.

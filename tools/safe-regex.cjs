// Takes the place, in the bundle, of what tells whether a regular expression is safe: the only ones to ask about are the router's.
module.exports = () => true

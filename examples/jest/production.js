const client = require('./client.js')

/** The client as it runs in production, with the vendor's address compiled in. */
exports.upgrade = (token, projectId, planId) => client.upgrade('https://pickyassist.com', token, projectId, planId)

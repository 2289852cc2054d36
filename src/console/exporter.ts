export { exportCase } from '../export/export.js'

import axios from 'axios'
const { data } = await axios.post(process.argv[2], process.argv[3], { responseType: 'text', transformResponse: text => text })
process.stdout.write(data)

require 'net/http'

url, body = ARGV
print Net::HTTP.post(URI(url), body).body

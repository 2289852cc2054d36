import t from 'tap'
import { escapedMarkup } from '../../src/text/markup.js'

t.test('markup is escaped, for an element and for an attribute', async t => {
  t.equal(escapedMarkup('<a href="x" title=\'y\'>&amp;</a>'), '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;')
  t.equal(escapedMarkup('plain\ttext\r\nשלום 😀 é'), 'plain\ttext\r\nשלום 😀 é')
})

t.test('what no document may hold, or what shows text in another order, becomes visible', async t => {
  t.equal(escapedMarkup('\0\u0008\u000b\u001f\u007f\u009f\u2028\u202e\u2069\ufffe\uffff'), '\\u0000\\u0008\\u000b\\u001f\\u007f\\u009f\\u2028\\u202e\\u2069\\ufffe\\uffff')
  t.equal(escapedMarkup('a\ud83d b\ude00 c\ud83d\ude00'), 'a\\ud83d b\\ude00 c\ud83d\ude00')
})

t.test('colours, movements and titles of a terminal are left out', async t => {
  t.equal(escapedMarkup('\u001b[31;1mred\u001b[0m \u001b[2K\u001b[?25lhidden \u001b]0;title\u0007t \u001b]8;;url\u001b\\link'), 'red hidden t link')
  t.equal(escapedMarkup('\u001b[\u001b]0;no end'), '\\u001b[\\u001b]0;no end')
})

use strict;
use warnings;
use HTTP::Tiny;

my $order = '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}';
my $response = HTTP::Tiny->new->post("$ARGV[0]/app/api/v2/pm/change-billing",
  { content => $order, headers => { 'content-type' => 'application/json' } });
print $response->{content};

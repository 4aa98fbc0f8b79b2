# A server that echoes, on Mojolicious (Perl).
use Mojolicious::Lite -signatures;
use Mojo::Server::Daemon;

websocket '/' => sub ($c) {
  $c->inactivity_timeout(300);
  $c->tx->max_websocket_size(64 * 2**20)->with_compression;
  $c->on(text   => sub ($c, $bytes) { $c->send({text   => $bytes}) });
  $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
};

app->log->level('fatal');
my $listen = ["http://127.0.0.1:$ARGV[0]"];
Mojo::Server::Daemon->new(app => app, listen => $listen, silent => 1)->run;

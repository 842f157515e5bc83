#!/usr/bin/env perl
# SOAP::Lite, SOAP 1.1 and 1.2, the way it is used with .NET services:  perl client.pl ADDRESS_OF_THE_SERVICE
use strict;
use warnings;
use utf8;
use SOAP::Lite;
binmode STDOUT, ':utf8';
my ($address) = @ARGV;
my $ns = 'http://tempuri.org/';
my $criteria = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>';

sub call {
    my ($version, $method, $headers, %parameters) = @_;
    my $soap = SOAP::Lite->soapversion($version)->proxy($address)
        ->on_action(sub { $ns . $method })->on_fault(sub { $_[1] });
    my @parameters = map { SOAP::Data->name($_)->type(string => $parameters{$_}) } sort keys %parameters;
    return $soap->call(SOAP::Data->name($method)->attr({ xmlns => $ns }), @parameters, @$headers);
}

sub root {
    my ($answer, $method, $root) = @_;
    die "$method: no answer" unless ref $answer;
    die "$method: " . $answer->faultstring if $answer->fault;
    return $answer->dataof("//${method}Result/$root");
}

for my $version ('1.1', '1.2') {
    my $jdoe = root(call($version, 'AuthenticateUser', [], UID => 'jdoe', PWD => 'jdoe'), 'AuthenticateUser', 'response')->attr->{ticket};
    my $admin = root(call($version, 'AuthenticateUser', [], UID => 'admin', PWD => 'admin'), 'AuthenticateUser', 'response')->attr->{ticket};
    my $answer = call($version, 'getTasks', [], AuthenticationTicket => $jdoe, xmlcriteria => $criteria, SortBy => 'DueDate', AscendingOrder => 'true');
    my $count = root($answer, 'getTasks', 'response')->attr->{taskCount};
    my @tasks = $answer->valueof('//getTasksResult/response/tasks/Task/TaskID');
    die 'taskCount' unless @tasks == $count;
    my $done = root(call($version, 'CompleteTask', [], AuthenticationTicket => $jdoe, taskId => $tasks[0], comments => 'Ünï & <co>'), 'CompleteTask', 'response')->attr;
    die $done->{error} unless $done->{success} eq 'true';
    my $moved = root(call($version, 'TransferUserTasks', [], AuthenticationTicket => $admin, FromUserName => 'jdoe', ToUserName => 'jdoe'), 'TransferUserTasks', 'root')->attr;
    die $moved->{error} unless $moved->{success} eq 'true';
    my $refused = root(call($version, 'UserExists', [], AuthenticationTicket => $jdoe, UserName => "\x{20ac}"), 'UserExists', 'response')->attr;
    die 'business error' unless $refused->{error} eq 'User not found';
    my $fault = call($version, 'ServerInfo', [SOAP::Header->name('Secret')->uri('urn:x')->mustUnderstand(1)->value('x')]);
    die 'no fault' unless ref $fault && $fault->fault;
    my $text = $version eq '1.1' ? $fault->faultstring : $fault->valueof('//Fault/Reason/Text');
    die $text unless $text eq 'SOAP header Secret was not understood.';
    print "SOAP $version tasks @tasks\n";
}

# with the WSDL it takes the SOAP 1.2 port and sends parameters in no namespace
my $service = SOAP::Lite->service("$address?WSDL");
my $result = $service->AuthenticateUser('jdoe', 'jdoe');
die 'wsdl: no answer' unless defined $result;
print "from the WSDL: an answer\n";

# soap4r, SOAP 1.1, with a driver made from our WSDL:  ruby client.rb ADDRESS_OF_THE_SERVICE
require 'date'
require 'soap/wsdlDriver'
require 'soap/header/simplehandler'

ADDRESS = ARGV.fetch(0)
NEW = '<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>' \
      '<Instructions>Prüfen &amp; € 📄</Instructions><DueDate>2097-01-01T12:00:00</DueDate>' \
      '<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>'
CRITERIA = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>'

# A header that nobody here understands.
class Secret < SOAP::Header::SimpleHandler
  def initialize
    super(XSD::QName.new('urn:x', 'Secret'))
    self.mustunderstand = true
  end

  def on_simple_outbound
    'x'
  end
end

def check(what, expected, found)
  abort "#{what}: #{found.inspect}" unless expected == found
end

$driver = SOAP::WSDLDriverFactory.new("#{ADDRESS}?WSDL").create_rpc_driver('srv', 'srvSoap')

# the one element in the result of a method
def ask(method, root = 'response', **parameters)
  $driver.send(method, parameters)["#{method}Result"][root]
end

def attribute(node, name)
  node.__xmlattr[XSD::QName.new(nil, name)]
end

def login(name)
  attribute(ask('AuthenticateUser', UID: name, PWD: name), 'ticket')
end

jdoe = login('jdoe')
admin = login('admin')
made = ask('CreateTask', AuthenticationTicket: admin, documentPath: '/Corporate/Contracts/Agreement.docx', xmlParameters: NEW)
task = made['Value']['TaskId'].to_i
found = ask('getTasks', AuthenticationTicket: jdoe, xmlcriteria: CRITERIA, SortBy: 'DueDate', AscendingOrder: true)
listed = found['tasks']['Task'].map { |row| row['TaskID'].to_i }
check('taskCount', listed.size.to_s, attribute(found, 'taskCount'))
check('getTasks', true, listed.include?(task))

read = -> { ask('GetTask', AuthenticationTicket: jdoe, taskId: task)['Task'] }
changed = ask('ChangeTaskDueDate', AuthenticationTicket: jdoe, taskId: task, newDueDate: DateTime.new(2098, 5, 6, 7, 8, 9), allowedStartTimeSpan: 0)
check('ChangeTaskDueDate', 'true', attribute(changed, 'success'))
ask('SetTaskComment', AuthenticationTicket: jdoe, taskId: task, comments: 'Ünï & <co>')
check('DueDate', '2098-05-06 07:08:09', read.call['DueDate'])
check('Instructions', 'Prüfen & € 📄', read.call['ShortInstruction'])
check('comment', 'Ünï & <co>', read.call['ShortComments'])
# a comment that is nil stays, an empty one does not; the date is the least one of .NET, which means none
status = { AuthenticationTicket: jdoe, taskId: task, taskStatus: 10, finishDate: DateTime.new(1, 1, 1) }
check('UpdateTaskStatus', 'true', attribute(ask('UpdateTaskStatus', **status, comments: nil), 'success'))
check('comment that is nil', 'Ünï & <co>', read.call['ShortComments'])
check('UpdateTaskStatus', 'true', attribute(ask('UpdateTaskStatus', **status, comments: ''), 'success'))
check('comment that is empty', '', read.call['ShortComments'])

check('CompleteTask', 'true', attribute(ask('CompleteTask', AuthenticationTicket: jdoe, taskId: task, comments: 'Ünï & <co>'), 'success'))
check('TaskStatus', 'Completed', read.call['TaskStatus'])
again = ask('CompleteTask', AuthenticationTicket: jdoe, taskId: task)
check('CompleteTask', 'The task is already completed', attribute(again, 'error'))
moved = ask('TransferUserTasks', 'root', AuthenticationTicket: admin, FromUserName: 'jdoe', ToUserName: 'jdoe')
check('TransferUserTasks', 'true', attribute(moved, 'success'))
check('UserExists', 'User not found', attribute(ask('UserExists', AuthenticationTicket: jdoe, UserName: '€'), 'error'))

$driver.headerhandler << Secret.new
begin
  $driver.ServerInfo({})
  abort 'no fault'
rescue SOAP::FaultError => e
  check('fault', 'SOAP header Secret was not understood.', e.message)
end
puts "SOAP 1.1 tasks #{listed.join(' ')}"

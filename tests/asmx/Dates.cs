// Says what .NET makes of texts: a line each in Base64, form and XML apart by a tab. The first and last line are today.
using System;
using System.Globalization;
using System.Text;
using System.Xml;

class Dates {
    static void Main() {
        Console.WriteLine(DateTime.Today.Ticks);
        string line;
        while ((line = Console.ReadLine()) != null) {
            string text = Encoding.UTF8.GetString(Convert.FromBase64String(line));
            string form = Read(() => DateTime.Parse(text, CultureInfo.InvariantCulture));
            string xml = Read(() => XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.RoundtripKind));
            Console.WriteLine(form + "\t" + xml);
        }
        Console.WriteLine(DateTime.Today.Ticks);
    }

    static string Read(Func<DateTime> read) {
        try {
            DateTime date = read();
            return date.Ticks + " " + date.Kind;
        } catch (Exception error) {
            return Convert.ToBase64String(Encoding.UTF8.GetBytes(error.Message));
        }
    }
}

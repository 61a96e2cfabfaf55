-- What was seen on a scan at the kiosk: keys of doubts and hosts of QR codes, as one JSON object. Null: nobody looked.
ALTER TABLE documents ADD COLUMN seen TEXT;
